import { compareWithOracles } from "../harness/compare.ts";
import { buckets } from "./cases/buckets.ts";
import { checksums } from "./cases/checksums.ts";
import { conditions } from "./cases/conditions.ts";
import { copies } from "./cases/copies.ts";
import { listing } from "./cases/listing.ts";
import { multipart } from "./cases/multipart.ts";
import { objects } from "./cases/objects.ts";
import { ranges } from "./cases/ranges.ts";
import { differences } from "./differences.ts";
import { startModel } from "./model.ts";
import { oracles } from "./oracles.ts";

const cases = [
  ...objects,
  ...conditions,
  ...ranges,
  ...listing,
  ...multipart,
  ...checksums,
  ...copies,
  ...buckets,
];

compareWithOracles({ service: "s3", startModel, oracles, cases, differences });

import { compareWithOracles } from "../harness/compare.ts";
import { batches } from "./cases/batches.ts";
import { capacity } from "./cases/capacity.ts";
import { conditions } from "./cases/conditions.ts";
import { indexes } from "./cases/indexes.ts";
import { parameters } from "./cases/parameters.ts";
import { queries } from "./cases/queries.ts";
import { scans } from "./cases/scans.ts";
import { tables } from "./cases/tables.ts";
import { transactions } from "./cases/transactions.ts";
import { updates } from "./cases/updates.ts";
import { values } from "./cases/values.ts";
import { differences } from "./differences.ts";
import { startModel } from "./model.ts";
import { oracles } from "./oracles.ts";
import { compareAtRandom } from "./random/compare-at-random.ts";

compareWithOracles({
  service: "dynamodb",
  startModel,
  oracles,
  cases: [
    ...values,
    ...conditions,
    ...updates,
    ...queries,
    ...scans,
    ...indexes,
    ...batches,
    ...transactions,
    ...capacity,
    ...tables,
    ...parameters,
  ],
  differences,
});

compareAtRandom();

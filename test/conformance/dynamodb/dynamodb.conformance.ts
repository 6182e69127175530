import { compareWithOracles } from "../harness/compare.ts";
import { conditions } from "./cases/conditions.ts";
import { differences } from "./differences.ts";
import { startModel } from "./model.ts";
import { oracles } from "./oracles.ts";

compareWithOracles({ service: "dynamodb", startModel, oracles, cases: [...conditions], differences });

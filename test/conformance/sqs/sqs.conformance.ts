import { compareWithOracles } from "../harness/compare.ts";
import { batches } from "./cases/batches.ts";
import { messages } from "./cases/messages.ts";
import { queues } from "./cases/queues.ts";
import { receiving } from "./cases/receiving.ts";
import { redrive } from "./cases/redrive.ts";
import { differences } from "./differences.ts";
import { startModel } from "./model.ts";
import { oracles } from "./oracles.ts";

const cases = [...queues, ...messages, ...receiving, ...batches, ...redrive];

compareWithOracles({ service: "sqs", startModel, oracles, cases, differences });

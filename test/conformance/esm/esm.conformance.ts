import { compareWithOracles } from "../harness/compare.ts";
import { batches } from "./cases/batches.ts";
import { destinations } from "./cases/destinations.ts";
import { errors } from "./cases/errors.ts";
import { order } from "./cases/order.ts";
import { positions } from "./cases/positions.ts";
import { queues } from "./cases/queues.ts";
import { reported } from "./cases/reports.ts";
import { scenes } from "./scenes.ts";

compareWithOracles({
  service: "esm",
  startModel: async () => ({ client: scenes, close: async () => {} }),
  oracles: [],
  cases: [...batches, ...order, ...errors, ...reported, ...destinations, ...positions, ...queues],
  differences: [],
});

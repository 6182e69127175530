import { compareWithOracles } from "../harness/compare.ts";
import { environments } from "./cases/environments.ts";
import { events } from "./cases/events.ts";
import { invocations } from "./cases/invocations.ts";
import { scenes } from "./scenes.ts";

compareWithOracles({
  service: "lambda",
  startModel: async () => ({ client: scenes, close: async () => {} }),
  oracles: [],
  cases: [...invocations, ...environments, ...events],
  differences: [],
});

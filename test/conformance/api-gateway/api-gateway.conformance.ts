import { compareWithOracles } from "../harness/compare.ts";
import { admission } from "./cases/admission.ts";
import { answers } from "./cases/answers.ts";
import { requests } from "./cases/requests.ts";
import { scenes } from "./scenes.ts";

compareWithOracles({
  service: "api-gateway",
  startModel: async () => ({ client: scenes, close: async () => {} }),
  oracles: [],
  cases: [...requests, ...answers, ...admission],
  differences: [],
});

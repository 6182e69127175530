import type { ChaosScenario } from "../../local/simulator/chaos.ts";
import { boardScenario } from "./board-scenario.ts";
import { deskScenario } from "./desk-scenario.ts";
import { limitsScenario } from "./limits-scenario.ts";
import { liveScenario } from "./live-scenario.ts";
import { metersScenario } from "./meters-scenario.ts";
import { remindersScenario } from "./reminders-scenario.ts";
import { shopScenario } from "./shop-scenario.ts";

export type ScenarioName = "shop" | "meters" | "board" | "limits" | "reminders" | "desk" | "live";

/** A scenario as it is, or with a savepoint that is restored in the midst of it. */
export type RunName = ScenarioName | `restored-${ScenarioName}`;

/** By the name under which a mutant asks for it. */
export const SCENARIOS: Readonly<Record<ScenarioName, ChaosScenario>> = {
  shop: shopScenario,
  meters: metersScenario,
  board: boardScenario,
  limits: limitsScenario,
  reminders: remindersScenario,
  desk: deskScenario,
  live: liveScenario,
};

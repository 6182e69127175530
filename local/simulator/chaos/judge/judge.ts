import type { Stage } from "../../../../shared/operators/stage.ts";
import type { World } from "../world.ts";
import { wrongInChannels } from "./channels.ts";
import { wrongInInput } from "./input.ts";
import { wrongInLogs } from "./log.ts";
import { wrongInPanes } from "./panes.ts";
import { differencesInReplay, type Fresh, type Order } from "./replay.ts";
import { type TakenEntry, takenBy } from "./taken.ts";

/** What holds for every application once all was taken, by name: each gives a sentence for everything that does not. */
export const INVARIANTS: Readonly<
  Record<
    string,
    (world: World, order: Order, fresh: () => Fresh) => readonly string[] | Promise<readonly string[]>
  >
> = {
  "logs are dense, fenced and monotone": wrongInLogs,
  "channels keep their order, and lose and repeat nothing": wrongInChannels,
  "every event and every unreadable record was taken once": wrongInInput,
  "no window is finalised twice": wrongInPanes,
  "a replay of the committed order gives the same entries and effects": differencesInReplay,
};

/** What is judged last, since it goes on with the world. */
export const NOTHING_LEAKS = "no entry, body or snapshot stays that nothing refers to";

/** The order in which each partition committed its input. */
export async function orderOf(world: World): Promise<Order> {
  const order = new Map<Stage, readonly (readonly TakenEntry[])[]>();
  for (const stage of world.planned.stages.values()) {
    const partitions: TakenEntry[][] = [];
    for (let partition = 0; partition < stage.partitions; partition += 1)
      partitions.push(await takenBy(world, stage, partition));
    order.set(stage, partitions);
  }
  return order;
}

/** All invariants that do not hold. */
export async function brokenInvariants(world: World, order: Order, fresh: () => Fresh): Promise<string[]> {
  const broken: string[] = [];
  for (const wrongIn of Object.values(INVARIANTS)) broken.push(...(await wrongIn(world, order, fresh)));
  return broken;
}

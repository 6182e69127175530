import type { Stage } from "../../../../shared/operators/stage.ts";
import type { Entry } from "../../../../shared/protocol/entry.ts";
import { isOpening } from "../../../../shared/protocol/savepoint/saved-log.ts";
import type { World } from "../world.ts";

/** A row as a window gives it. */
type PaneRow = {
  readonly key: unknown;
  readonly window: { readonly start: number; readonly end: number };
  readonly pane: { readonly index: number; readonly timing: string };
};

/** No window is finalised twice, and no pane of it comes twice, wherever a window's rows go as they are. */
export function wrongInPanes(world: World): string[] {
  const broken: string[] = [];
  for (const stage of world.planned.stages.values()) {
    const nodes = fedByWindows(stage);
    if (nodes.length === 0) continue;
    for (let partition = 0; partition < stage.partitions; partition += 1) {
      const entries = world.ledger.entries(stage.id, partition).filter((item) => !isOpening(item));
      for (const node of nodes) {
        const seen = new Set<string>();
        const final = new Set<string>();
        for (const { entry } of entries)
          for (const row of rowsOf(node, entry)) {
            const window = `${JSON.stringify(row.key)} ${row.window.start}–${row.window.end}`;
            const pane = `${window}, pane ${row.pane.index}`;
            const where = `stage "${stage.id}", partition ${partition}`;
            if (seen.has(pane)) broken.push(`${where}: window ${pane} comes twice`);
            seen.add(pane);
            if (row.pane.timing !== "on-time") continue;
            if (final.has(window)) broken.push(`${where}: window ${window} is finalised twice`);
            final.add(window);
          }
      }
    }
  }
  return broken;
}

type Node = Stage["nodes"][number];

/** Feeds and lake tables whose only input are the rows of a window. A view keeps but the last row of a commit. */
const fedByWindows = ({ nodes }: Stage): Node[] =>
  nodes.filter(({ spec, inputs: [input, ...others] }) => {
    if (spec.kind !== "feed" && !(spec.kind === "sink" && spec.sink.kind === "lake")) return false;
    if (others.length > 0 || input === undefined || !("node" in input)) return false;
    return input.port === "main" && nodes[input.node]?.spec.kind === "window";
  });

function rowsOf({ spec }: Node, { frames, lake }: Entry): PaneRow[] {
  if (spec.kind === "feed")
    return frames
      .filter(([to]) => to === spec.stage)
      .flatMap(([, , , , rows]) =>
        rows.filter(([edge]) => edge === spec.edge).map((row) => row[3] as PaneRow),
      );
  if (spec.kind !== "sink") return [];
  return lake.filter(([sink]) => sink === spec.sink.name).flatMap(([, , rows]) => rows as PaneRow[]);
}

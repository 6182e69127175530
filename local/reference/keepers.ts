import { broadcasts } from "./broadcast.ts";
import { dedupe } from "./dedupe.ts";
import type { Host, Keeper } from "./host.ts";
import { joins } from "./joins.ts";
import { paces } from "./pace.ts";
import { patterns } from "./patterns.ts";
import { processes } from "./process.ts";
import type {
  BroadcastNode,
  DedupeNode,
  JoinNode,
  MatchNode,
  Node,
  PaceNode,
  ProcessNode,
  WindowNode,
} from "./stage.ts";
import { windows } from "./windows.ts";

/** What runs a node that keeps something; undefined for one that does not. */
export function keeperOf(node: Node, host: Host): Keeper | undefined {
  switch (node.spec.kind) {
    case "dedupe":
      return dedupe(node as DedupeNode, host);
    case "window":
      return windows(node as WindowNode, host);
    case "join":
      return joins(node as JoinNode, host);
    case "process":
      return processes(node as ProcessNode, host);
    case "broadcast":
      return broadcasts(node as BroadcastNode, host);
    case "match":
      return patterns(node as MatchNode, host);
    case "pace":
      return paces(node as PaceNode, host);
    default:
      return undefined;
  }
}

import type { OperatorPlan, PipelinePlan, Plan, StagePlan } from "./plan.ts";

/**
 * A plan as a Mermaid flowchart: streams, stages with their operators, sinks. A thick arrow is a shuffle: rows
 * travel over a stream to the partition that owns their key.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function planToMermaid(plan: Plan): string {
  const ids = new Ids();
  const lines = ["flowchart LR"];
  for (const { id, partitions } of plan.streams)
    lines.push(`  ${ids.of("stream", id)}[/"${text(id)}<br/>${count(partitions)}"/]`);
  for (const pipeline of plan.pipelines) lines.push(...drawPipeline(pipeline, ids));
  return lines.join("\n");
}

function drawPipeline({ id, stages, sinks }: PipelinePlan, ids: Ids): string[] {
  const kinds = new Map(sinks.map(({ stage, name, kind }) => [`${stage} ${name}`, kind]));
  return [
    `  subgraph ${ids.of("pipeline", id)}["${text(id)}"]`,
    ...stages.flatMap((stage) => drawStage(stage, ids)),
    "  end",
    ...stages.flatMap((stage) => drawInputs(stage, stages, ids)),
    ...stages.flatMap((stage) =>
      stage.operators.filter(isSink).map((operator, nth) => {
        const name = stage.sinks[nth] ?? operator.id;
        const kind = kinds.get(`${stage.id} ${name}`);
        const [open, close] = kind === "lake" ? ["[(", ")]"] : ["([", "])"];
        return `  ${ids.of(stage.id, operator.id)}${open}"${kind} ${text(name)}"${close}`;
      }),
    ),
  ];
}

function drawStage(stage: StagePlan, ids: Ids): string[] {
  const operators = stage.operators.filter((operator) => !isFeed(operator) && !isSink(operator));
  return [
    `    subgraph ${ids.of("stage", stage.id)}["${text(stage.id)}<br/>${count(stage.partitions)}"]`,
    // a stage that only writes a sink has no operator to show, and Mermaid no empty subgraph
    ...(operators.length === 0 ? [`      ${ids.of("files", stage.id)}["writer"]`] : []),
    ...operators.map(({ id, kind, detail }) => {
      const says = [id, detail === "" ? kind : `${kind} ${detail}`].map(text).join("<br/>");
      return `      ${ids.of(stage.id, id)}["${says}"]`;
    }),
    "    end",
  ];
}

/** The arrows that lead to a stage's operators and sinks. */
function drawInputs(stage: StagePlan, stages: readonly StagePlan[], ids: Ids): string[] {
  const written = stage.operators.every((operator) => isFeed(operator) || isSink(operator));
  const lines: string[] = [];
  const entries = written
    ? [ids.of("files", stage.id)]
    : stage.operators
        .filter(({ inputs, kind }) => inputs.includes("input") && kind !== "feed")
        .map(({ id }) => ids.of(stage.id, id));
  for (const entry of entries)
    for (const origin of originsOf(stage, stages, ids)) lines.push(`  ${origin} ${entry}`);
  for (const operator of stage.operators) {
    if (isFeed(operator)) continue;
    for (const input of operator.inputs) {
      if (input === "input" && !written) continue;
      const from = input === "input" ? ids.of("files", stage.id) : fromPort(stage, input, ids);
      lines.push(`  ${from} --> ${ids.of(stage.id, operator.id)}`);
    }
  }
  return lines;
}

/** Where a stage's input comes from: a stream, or what other stages hand on to it. */
function originsOf(stage: StagePlan, stages: readonly StagePlan[], ids: Ids): string[] {
  if (stage.input.kind === "source") return [`${ids.of("stream", stage.input.stream)} -->`];
  return stages.flatMap((upstream) =>
    upstream.operators
      .filter((operator) => isFeed(operator) && operator.to === stage.id)
      .flatMap(({ inputs }) =>
        inputs.map((input) =>
          input === "input"
            ? (originsOf(upstream, stages, ids)[0] ?? "")
            : `${fromPort(upstream, input, ids)} ==>`,
        ),
      ),
  );
}

/** `hourly.late`: the operator, and which of its outputs. */
function fromPort({ id: stage, operators }: StagePlan, input: string, ids: Ids): string {
  if (operators.some(({ id }) => id === input)) return ids.of(stage, input);
  const dot = input.lastIndexOf(".");
  return ids.of(stage, input.slice(0, dot));
}

const isFeed = ({ kind }: OperatorPlan): boolean => kind === "feed";
const isSink = ({ kind }: OperatorPlan): boolean => kind === "sink";
const count = (partitions: number): string => `${partitions} partition${partitions === 1 ? "" : "s"}`;
const text = (label: string): string => label.replaceAll('"', "#quot;").replaceAll("<", "#lt;");

/** Short names for what may be called anything: Mermaid's own words are no names. */
class Ids {
  readonly #known = new Map<string, string>();

  of(scope: string, name: string): string {
    const key = JSON.stringify([scope, name]);
    const known = this.#known.get(key) ?? `n${this.#known.size}`;
    this.#known.set(key, known);
    return known;
  }
}

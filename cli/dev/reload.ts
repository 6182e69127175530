import type { Cloud, StackUpdate } from "../../local/cloud.ts";
import { checkKeptState } from "../../local/dev/kept-state.ts";
import type { Project } from "../../local/dev/project.ts";
import { SourceWatch } from "../../local/dev/source-watch.ts";
import type { Synthesizer } from "../../local/dev/synth/synthesizer.ts";
import { messageOf } from "../../shared/errors/millrace-error.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { reportError } from "../report-error.ts";
import type { Terminal } from "../terminal.ts";
import { stageOf } from "./stage-of.ts";

export type ReloadPorts = {
  readonly cloud: Cloud;
  readonly project: Project;
  readonly synthesizer: Synthesizer;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Absolute paths that are written and not read. */
  readonly ignored: readonly string[];
};

/**
 * Puts a project's changes into the running cloud as they are saved. What cannot be deployed is reported, and what
 * runs goes on. A save during a reload makes one more.
 */
export class Reloading {
  readonly #ports: ReloadPorts;
  readonly #watch: SourceWatch;
  #running: Promise<void> | undefined;
  #closed = false;
  /** When the first save was made that no reload has taken up yet. */
  #savedAt: EpochMs | undefined;

  constructor(ports: ReloadPorts) {
    this.#ports = ports;
    const { project, ignored, synthesizer, terminal, clock } = ports;
    this.#watch = new SourceWatch({
      folder: project.folder,
      ignored,
      clock,
      onChange: (savedAt) => this.#changed(savedAt),
      onFailure: (error) => terminal.say(`not all changes can be followed: ${messageOf(error)}`),
    });
    synthesizer.warmUp();
  }

  /** Stops following; a synthesis that runs is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch.close();
    await this.#ports.synthesizer.close();
    await this.#running;
  }

  #changed(savedAt: EpochMs): void {
    this.#savedAt ??= savedAt;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    for (let savedAt = this.#savedAt; savedAt !== undefined && !this.#closed; savedAt = this.#savedAt) {
      this.#savedAt = undefined;
      await this.#reload(savedAt);
    }
  }

  async #reload(savedAt: EpochMs): Promise<void> {
    const { cloud, synthesizer, terminal, clock } = this.#ports;
    try {
      const { templateDir, loaded } = await synthesizer.synthesize();
      this.#watch.add(loaded);
      checkKeptState(cloud, templateDir);
      const before = functionNames(cloud);
      const update = await cloud.update(templateDir);
      const names = new Map([...before, ...functionNames(cloud)]);
      terminal.say(reloadText(update, names, clock.now() - savedAt));
    } catch (thrown) {
      if (this.#closed) return;
      reportError(thrown, terminal, false);
      terminal.say("  what was deployed before goes on; save again to try again");
    }
    const inUse = new Set(cloud.lambda.functionNames().map((name) => cloud.lambda.configOf(name).taskRoot));
    synthesizer.forget((folder) => [...inUse].some((taskRoot) => taskRoot.startsWith(folder)));
    synthesizer.warmUp();
  }
}

/** Types of resources that somebody who writes a pipeline knows. */
const TOLD = new Set([
  "AWS::Lambda::Function",
  "AWS::Kinesis::Stream",
  "AWS::DynamoDB::Table",
  "AWS::DynamoDB::GlobalTable",
  "AWS::S3::Bucket",
  "AWS::SQS::Queue",
  "AWS::ApiGateway::RestApi",
]);

/** What a reload has changed, with the names that are known of logical ids. */
function reloadText({ resources }: StackUpdate, names: ReadonlyMap<string, string>, ms: number): string {
  const changed = resources.filter(({ action }) => action !== "unchanged");
  if (changed.length === 0) return `nothing changed (${ms} ms)`;
  const told = changed.filter(({ type }) => TOLD.has(type));
  const parts = Object.entries(Object.groupBy(told, ({ action }) => action)).map(
    ([action, those]) => `${action} ${those.map(({ logicalId: id }) => names.get(id) ?? id).join(", ")}`,
  );
  const others = changed.length - told.length;
  if (others > 0) parts.push(`${told.length === 0 ? "changed " : "and "}${others} of what belongs to them`);
  return `reloaded in ${ms} ms: ${parts.join("; ")}`;
}

/** What functions are called, by their logical ids. */
const functionNames = ({ resources, lambda }: Cloud): ReadonlyMap<string, string> =>
  new Map(
    resources
      .filter(({ type }) => type === "AWS::Lambda::Function")
      .map(({ logicalId, ref }) => [logicalId, stageOf(lambda, ref)]),
  );

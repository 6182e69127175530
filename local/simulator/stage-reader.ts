import type { Stage } from "../../shared/operators/stage.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { delivered } from "./deliver.ts";
import type { Services } from "./services.ts";

/** As an event source mapping is set up by default for a stage. */
const RECORDS_PER_BATCH = 1_000;
const BYTES_PER_BATCH = 4_500_000;

/** A stage that reads its stream to the end, shard by shard, in one warm environment. */
export class StageReader {
  readonly #stage: string;
  readonly #stream: string;
  readonly #loop: StageLoop;
  readonly #services: Services;
  readonly #after = new Map<string, string>();

  constructor(stage: Stage, env: Environment, services: Services) {
    this.#stage = stage.id;
    this.#stream = stage.input.kind === "source" ? stage.input.stream : stage.id;
    this.#loop = new StageLoop(stage, env);
    this.#services = services;
  }

  /** Takes all that there is; false where there was nothing. Throws what stopped the stage. */
  async run(): Promise<boolean> {
    const { kinesis } = this.#services;
    let moved = false;
    for (const { ShardId } of kinesis.listShards({ StreamName: this.#stream }).Shards)
      while (await this.#batch(ShardId)) moved = true;
    return moved;
  }

  async #batch(shard: string): Promise<boolean> {
    const { records } = this.#services.kinesis.read(
      this.#stream,
      shard,
      this.#after.get(shard),
      RECORDS_PER_BATCH,
      BYTES_PER_BATCH,
    );
    const last = records.at(-1);
    if (last === undefined) return false;
    const { firstFailed, causes } = await this.#loop.run(records.map((record) => delivered(shard, record)));
    if (firstFailed !== undefined)
      throw causes[0] ?? new Error(`stage "${this.#stage}" waits at record ${firstFailed} of ${shard}`);
    this.#after.set(shard, last.SequenceNumber);
    return true;
  }
}

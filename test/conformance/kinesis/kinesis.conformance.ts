import { compareWithOracles } from "../harness/compare.ts";
import { consumerCases } from "./cases/consumers.ts";
import { readingCases } from "./cases/reading.ts";
import { reshardingCases } from "./cases/resharding.ts";
import { shardCases } from "./cases/shards.ts";
import { streamCases } from "./cases/streams.ts";
import { writingCases } from "./cases/writing.ts";
import { differences } from "./differences.ts";
import { startModel } from "./model.ts";
import { oracles } from "./oracles.ts";

compareWithOracles({
  service: "kinesis",
  startModel,
  oracles,
  cases: [
    ...streamCases,
    ...writingCases,
    ...readingCases,
    ...reshardingCases,
    ...shardCases,
    ...consumerCases,
  ],
  differences,
});

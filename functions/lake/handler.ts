import { app } from "#pipelines";
import { awsEnvironment } from "../aws/environment.ts";
import { type KinesisHandler, kinesisHandler } from "../aws/kinesis-batch.ts";
import { parquetLake } from "../aws/lake.ts";
import { stageOf } from "../aws/stage-of.ts";
import { columnsOf } from "./columns.ts";

const stage = stageOf(app);
const env = awsEnvironment((blobs) => parquetLake({ blobs, columnsOf: (sink) => columnsOf(stage, sink) }));

/** One lake table: rows of many commits become files, with a long batching window. */
export const handler: KinesisHandler = kinesisHandler(stage, env);

import { app } from "#pipelines";
import { awsEnvironment } from "../aws/environment.ts";
import { type KinesisHandler, kinesisHandler } from "../aws/kinesis-batch.ts";
import { stageOf } from "../aws/stage-of.ts";
import { noLake } from "./no-lake.ts";

/** One stage of a pipeline: which one, the environment says. */
export const handler: KinesisHandler = kinesisHandler(stageOf(app), awsEnvironment(noLake));

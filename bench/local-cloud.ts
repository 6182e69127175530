import { parseArgs } from "node:util";
import { readFlights } from "../local/feed/flights.ts";
import { busySite } from "./local-cloud/busy-site.ts";
import { deployedOnePipeline, deployedSamples, type JobMeasured, localCloudJob } from "./local-cloud/job.ts";
import { atLeast, atMost, type Figure, print } from "./report.ts";

export type LocalCloudRun = {
  /** Of the sample's 336,776: sparse, a window for every few events. */
  readonly flights: number;
  /** Of a busy site: dense, thousands of events a window. */
  readonly requests: number;
};

/**
 * Claim: 60,000 events a second from HTTP to the committed view of a pipeline, feed and all services included, on two
 * cores; and at most one DynamoDB write for 200 events, where many events share a window. Functions run as processes
 * of their own from the bundles that would be deployed.
 */
export async function localCloudFigures({ flights, requests }: LocalCloudRun): Promise<Figure[]> {
  const samples = await deployedSamples();
  const site = await busySite(requests);
  return [
    ...figuresOf("flights", await localCloudJob(samples, "flights", await readFlights({ limit: flights }))),
    ...figuresOf("busy site, two pipelines", await localCloudJob(samples, "access-log", site)),
    ...figuresOf(
      "busy site, one pipeline",
      await localCloudJob(await deployedOnePipeline(), "access-log", site),
      true,
    ),
  ];
}

function figuresOf(name: string, job: JobMeasured, claimed = false): Figure[] {
  const { events, seconds, cpuSeconds, lambdaCpuSeconds, commits, writes, writeUnits } = job;
  const of = `local cloud, ${name}`;
  const perEvent = (value: number): number => value / events;
  return [
    {
      name: of,
      value: events / seconds,
      unit: "events/s",
      ...(claimed ? { aim: atLeast(60_000) } : {}),
    },
    { name: `${of}, CPU of services and feed`, value: perEvent(cpuSeconds) * 1e6, unit: "µs per event" },
    { name: `${of}, CPU of functions`, value: perEvent(lambdaCpuSeconds) * 1e6, unit: "µs per event" },
    { name: `${of}, commits`, value: perEvent(commits), unit: "per event" },
    {
      name: `${of}, DynamoDB writes`,
      value: perEvent(writes),
      unit: "per event",
      ...(claimed ? { aim: atMost(0.005) } : {}),
    },
    { name: `${of}, DynamoDB write units`, value: perEvent(writeUnits), unit: "per event" },
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      flights: { type: "string", default: "336776" },
      requests: { type: "string", default: "600000" },
      json: { type: "boolean", default: false },
    },
  });
  const { flights, requests, json } = values;
  print(await localCloudFigures({ flights: Number(flights), requests: Number(requests) }), json);
}

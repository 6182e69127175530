import { writeSync } from "node:fs";
import { KinesisModel } from "../../../local/models/kinesis/kinesis-model.ts";
import { Persistence } from "../../../local/persist/persistence.ts";
import { messageOf } from "../../../shared/errors/millrace-error.ts";
import { systemClock } from "../../../shared/time/clock.ts";

/** `node writer.ts <folder>`: puts records k1, k2 … until it is killed or refused, and tells each that was taken. */
const [, , folder = ""] = process.argv;
const StreamName = "orders";
const persistence = new Persistence({
  folder,
  clock: systemClock,
  onFailure: (error) => writeSync(2, `failed: ${messageOf(error)}\n`),
});
const kinesis = new KinesisModel({ clock: persistence.clock, faults: persistence.faults(), limits: "off" });
persistence.restore({ kinesis });
if (kinesis.listStreams().StreamNames.length === 0) kinesis.createStream({ StreamName, ShardCount: 1 });
let taken = kinesis.read(StreamName, "shardId-000000000000", undefined, 1e6, 1e9).records.length;
for (let refused = 0; refused < 2; )
  try {
    kinesis.putRecord({ StreamName, PartitionKey: `k${taken + 1}`, Data: new Uint8Array(9) });
    taken += 1;
    writeSync(1, `${taken}\n`);
  } catch (error) {
    refused += 1;
    writeSync(2, `refused: ${error instanceof Error ? error.name : error}\n`);
  }

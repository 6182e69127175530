import { zstd } from "../../../../functions/aws/zstd.ts";
import {
  COMPRESSED,
  HEADER_BYTES,
  MAGIC,
  MAX_BODY_BYTES,
  ONE_BY_ONE,
} from "../../../../shared/frames/format.ts";
import type { Random } from "../../random.ts";
import type { StepFault } from "../fault.ts";
import type { World } from "../world.ts";

/** The most that a record of Kinesis weighs where nobody asked for more. */
const LARGEST = 1_048_576 - 4;

/** Records in the streams that nobody can read: each becomes one failed event of each stage that reads it. */
export const RECORD_FAULTS: readonly StepFault[] = [
  {
    name: "poison",
    says: "a record of random bytes, of a broken frame or of broken JSON",
    at: "step",
    rate: 0.01,
    strike: (world, random) => plant("poison", world, random, poison(random)),
  },
  {
    name: "oversized",
    says: "a record of 1 MiB without any event in it",
    at: "step",
    rate: 0.004,
    strike: (world, random) => plant("oversized", world, random, new Uint8Array(LARGEST).fill(0x78)),
  },
  {
    name: "compression-bomb",
    says: "a record of some hundred bytes that unpacks to more than a frame may hold",
    at: "step",
    rate: 0.004,
    strike: (world, random) => plant("compression-bomb", world, random, bomb()),
  },
];

async function plant(
  fault: string,
  world: World,
  random: Random,
  data: Uint8Array,
): Promise<string | undefined> {
  const stream = random.pick(world.streams);
  if (stream === undefined) return undefined;
  const partition = random.below(stream.partitions);
  await world.plant(stream, partition, data);
  world.count(fault);
  return `${stream.id}/${partition}`;
}

function poison(random: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: 8 + random.below(40) }, () => random.below(256));
  const how = random.below(3);
  if (how === 0) return bytes;
  return new TextEncoder().encode(
    how === 1 ? `${MAGIC}${ONE_BY_ONE}\0["r","nobody",${bytes.join()}` : `{"${bytes.join()}`,
  );
}

let packed: Uint8Array | undefined;

function bomb(): Uint8Array {
  packed ??= zstd.compress(new Uint8Array(2 * MAX_BODY_BYTES));
  const bytes = new Uint8Array(HEADER_BYTES + packed.length);
  bytes.set(new TextEncoder().encode(MAGIC + ONE_BY_ONE));
  bytes[HEADER_BYTES - 1] = COMPRESSED;
  bytes.set(packed, HEADER_BYTES);
  return bytes;
}

/** The data that ships with the project; each is named like the stream that it feeds. */
export const SAMPLE_NAMES: readonly SampleName[] = ["flights", "access-log", "sensors"];

export type SampleName = "flights" | "access-log" | "sensors";

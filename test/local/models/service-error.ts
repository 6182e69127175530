import { expect } from "vitest";

/** Matches a ServiceError by its code, e.g. in `toThrow`. */
export const serviceError = (code: string): Error => expect.objectContaining({ code });

import { createHash } from "node:crypto";

/** Ten letters and digits, as API Gateway's ids, and the same each time. */
export const shortId = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);

import { ACCOUNT_THROTTLE, type Throttle } from "../../api-gateway/throttles.ts";
import type { Properties } from "../properties.ts";

/** A throttle by the names of its two properties; undefined where neither is given. */
export function throttleOf(properties: Properties, rate: string, burst: string): Throttle | undefined {
  if (!properties.has(rate) && !properties.has(burst)) return undefined;
  return {
    rate: properties.number(rate, ACCOUNT_THROTTLE.rate),
    burst: properties.number(burst, ACCOUNT_THROTTLE.burst),
  };
}

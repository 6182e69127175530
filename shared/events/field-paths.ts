/** Fields of fields are named up to this depth. */
type TooDeep = readonly [0, 0, 0, 0, 0];

/** The fields of `T`, and theirs, as `outer.inner`; of a union, those of each of its members. No array is entered. */
export type PathOf<T, Depth extends readonly 0[] = []> = Depth extends TooDeep
  ? never
  : T extends readonly unknown[]
    ? never
    : T extends object
      ? {
          [F in keyof T & string]-?: F | `${F}.${PathOf<NonNullable<T[F]>, [...Depth, 0]>}`;
        }[keyof T & string]
      : never;

/** The paths of `T` that may lead to a `V`, and to nothing else but null or no value. */
export type PathTo<T, V> = { [P in PathOf<T>]: NonNullable<ValueAt<T, P>> extends V ? P : never }[PathOf<T>];

type ValueAt<T, P extends string> = T extends object
  ? P extends keyof T
    ? T[P]
    : P extends `${infer F}.${infer Rest}`
      ? F extends keyof T
        ? ValueAt<NonNullable<T[F]>, Rest>
        : undefined
      : undefined
  : undefined;

/** What `select` leaves of `T`: the named fields, readonly and optional as they were. */
export type Selected<T, P extends string> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [F in keyof T as F extends Head<P> ? F : never]: F extends P ? T[F] : Selected<T[F], Below<P, F>> }
    : T;

type Head<P extends string> = P extends `${infer F}.${string}` ? F : P;
type Below<P extends string, F> = F extends string ? (P extends `${F}.${infer Rest}` ? Rest : never) : never;

/** One behaviour of a service, observed through its wire protocol. */
export type Case<Client> = {
  /** A sentence; unique within its service. */
  readonly name: string;
  /**
   * Does something to a service and returns what is to be compared: JSON without request ids, times, or anything else
   * that differs from run to run. It makes all that it needs, under names of its own.
   */
  readonly run: (client: Client) => Promise<unknown>;
  /** What AWS's documentation says that `run` returns; needed where a stand-in differs, or where there is none. */
  readonly aws?: {
    readonly is: unknown;
    readonly source: string;
    /** The page's words on it, shortened; needed where there is no stand-in. */
    readonly says?: string;
  };
};

/** A case in which a stand-in does not do what AWS's documentation says. */
export type Difference = {
  /** The case's name. */
  readonly case: string;
  /** The stand-in's name. */
  readonly oracle: string;
  /** What the stand-in does instead, in words. */
  readonly does: string;
};

/** A running service: the local cloud's model, or a stand-in for AWS made by others. */
export type Party<Client> = {
  readonly client: Client;
  close(): Promise<void>;
};

/** A stand-in made by others, with its version; `start` installs it on first use. */
export type Oracle<Client> = {
  readonly name: string;
  readonly version: string;
  /** Commands without which it cannot be installed or run, beside Node and npm. @default none */
  readonly needs?: readonly string[];
  readonly start: () => Promise<Party<Client>>;
};

import type { DynamoDbModel } from "../models/dynamodb/dynamodb-model.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import { ServiceError } from "../models/service-error.ts";
import type { SqsModel } from "../models/sqs/sqs-model.ts";

/** The services whose resources are kept. */
export type KeptServices = {
  readonly kinesis: KinesisModel;
  readonly dynamodb: DynamoDbModel;
  readonly sqs: SqsModel;
};

/**
 * The services as a template is deployed into them after a restart: what is to be made and is there already, under
 * the same name, is taken for what was made. S3 does so by itself.
 * @param isOn - asked at each call
 */
export function adopting<S extends KeptServices>(services: S, isOn: () => boolean): S {
  const { kinesis, dynamodb, sqs } = services;
  const instead = <T>(make: () => T, find: () => T): T => {
    const there = isOn() ? found(find) : undefined;
    return there === undefined ? make() : there.it;
  };
  return {
    ...services,
    kinesis: withMethods(kinesis, {
      createStream: (input) =>
        instead(
          () => kinesis.createStream(input),
          () => void kinesis.describeStreamSummary(input),
        ),
      registerStreamConsumer: (input) =>
        instead(
          () => kinesis.registerStreamConsumer(input),
          () => ({ Consumer: kinesis.describeStreamConsumer(input).ConsumerDescription }),
        ),
    }),
    dynamodb: withMethods(dynamodb, {
      createTable: (input) =>
        instead(
          () => dynamodb.createTable(input),
          () => ({ TableDescription: dynamodb.describeTable(input).Table }),
        ),
    }),
    sqs: withMethods(sqs, {
      // a template may name no queue that is there: the one that it means is
      listQueues: (input) => (isOn() ? { QueueUrls: [] } : sqs.listQueues(input)),
      createQueue: (input) =>
        instead(
          () => sqs.createQueue(input),
          () => sqs.getQueueUrl(input),
        ),
    }),
  };
}

/** What is found; undefined where the service does not know it. */
function found<T>(find: () => T): { readonly it: T } | undefined {
  try {
    return { it: find() };
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** A model with some of its methods replaced. It stays the model itself: its private members are its own. */
function withMethods<T extends object>(model: T, methods: Partial<T>): T {
  const bound = new Map<PropertyKey, unknown>(Object.entries(methods));
  return new Proxy(model, {
    get: (target, name) => {
      if (bound.has(name)) return bound.get(name);
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const method: unknown = value.bind(target);
      bound.set(name, method);
      return method;
    },
  });
}

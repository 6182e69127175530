import { s3Blobs } from "../../../functions/aws/blobs.ts";
import { dynamoFailedEvents } from "../../../functions/aws/failed-events.ts";
import {
  dynamoFailedEventsReader,
  type FailedEventsPage,
  type StoredFailedEvent,
} from "../../../functions/aws/read-failed-events.ts";
import { failedEventsConformance } from "../../protocol/conformance/failed-events.ts";
import { startLocalServices } from "./local-services.ts";

failedEventsConformance("DynamoDB and S3", async () => {
  const services = await startLocalServices();
  const on = {
    client: services.clients.dynamodb,
    table: services.table("sk"),
    blobs: s3Blobs({ client: services.clients.s3, bucket: services.bucket }),
  };
  const read = dynamoFailedEventsReader(on);
  return {
    failedEvents: dynamoFailedEvents(on),
    async all(pipeline) {
      const events: StoredFailedEvent[] = [];
      let after: string | undefined;
      do {
        const page: FailedEventsPage = await read({ pipeline, after, limit: 50 });
        events.push(...page.events);
        after = page.after;
      } while (after !== undefined);
      return events;
    },
    close: () => services.close(),
  };
});

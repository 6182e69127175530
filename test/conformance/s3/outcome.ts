import { randomUUID } from "node:crypto";
import {
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

export const API = "https://docs.aws.amazon.com/AmazonS3/latest/API/";
export const GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/";

export const MIB = 1_048_576;

/** How a call ended: its status, and the error's code or what is of interest in the output. */
export type Outcome = { readonly status: number | undefined; readonly [member: string]: unknown };

/** Runs one call; what it throws is an outcome too, as long as the service answered. */
export async function outcome<Output extends object>(
  call: Promise<Output>,
  ofInterest: (output: Output) => object | Promise<object> = () => ({}),
): Promise<Outcome> {
  try {
    const output = await call;
    const { $metadata } = output as { readonly $metadata?: { readonly httpStatusCode?: number } };
    return { status: $metadata?.httpStatusCode, ...(await ofInterest(output)) };
  } catch (error) {
    const { name, $metadata } = error as {
      readonly name: string;
      readonly $metadata?: { readonly httpStatusCode?: number };
    };
    if ($metadata?.httpStatusCode === undefined) throw error;
    return { status: $metadata.httpStatusCode, error: name };
  }
}

/** A new bucket. */
export async function newBucket(s3: S3Client): Promise<string> {
  const Bucket = `case-${randomUUID()}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

export const put = (
  s3: S3Client,
  Bucket: string,
  Key: string,
  Body: PutObjectCommandInput["Body"] = "x",
  more: Partial<PutObjectCommandInput> = {},
): Promise<PutObjectCommandOutput> => s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

export const get = (
  s3: S3Client,
  Bucket: string,
  Key: string,
  more: Partial<GetObjectCommandInput> = {},
): Promise<GetObjectCommandOutput> => s3.send(new GetObjectCommand({ Bucket, Key, ...more }));

/** The body of an object as text. */
export const text = async (s3: S3Client, Bucket: string, Key: string): Promise<string | undefined> =>
  (await get(s3, Bucket, Key)).Body?.transformToString();

/** An upload with parts of these sizes, each of one letter. */
export async function newUpload(
  s3: S3Client,
  Bucket: string,
  Key: string,
  sizes: readonly number[],
  more: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<CompleteMultipartUploadCommandInput & { MultipartUpload: { Parts: CompletedPart[] } }> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  const Parts: CompletedPart[] = [];
  for (const [index, size] of sizes.entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body: Buffer.alloc(size, 97 + index) };
    const { ETag } = await s3.send(new UploadPartCommand(part));
    Parts.push({ PartNumber: index + 1, ETag });
  }
  return { Bucket, Key, UploadId, MultipartUpload: { Parts } };
}

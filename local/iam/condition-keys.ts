/**
 * The condition keys whose values are known here, by their names in lower case: for each call either the value that
 * AWS would see or, as on AWS, none. `many` says that a call may have several values.
 * Sources: "AWS global condition context keys", IAM User Guide, and each service's page in the Service Authorization
 * Reference.
 */
const KEYS: Readonly<Record<string, "one" | "many">> = {
  // of every call
  "aws:currenttime": "one",
  "aws:epochtime": "one",
  "aws:principalaccount": "one",
  "aws:principalarn": "one",
  "aws:principalisawsservice": "one",
  "aws:principalservicename": "one",
  "aws:principaltype": "one",
  "aws:requestedregion": "one",
  "aws:resourceaccount": "one",
  "aws:securetransport": "one",
  "aws:sourceip": "one",
  "aws:useragent": "one",
  "aws:userid": "one",
  // only users have it, and a function is none
  "aws:username": "one",
  "aws:viaawsservice": "one",
  // of a service that calls for one of the template's resources
  "aws:sourceaccount": "one",
  "aws:sourcearn": "one",
  // of a function's calls
  "lambda:sourcefunctionarn": "one",
  "cloudwatch:namespace": "one",
  "dynamodb:attributes": "many",
  "dynamodb:enclosingoperation": "one",
  "dynamodb:leadingkeys": "many",
  "dynamodb:returnconsumedcapacity": "one",
  "dynamodb:returnvalues": "one",
  "dynamodb:select": "one",
  "s3:authtype": "one",
  "s3:delimiter": "one",
  "s3:if-match": "one",
  "s3:if-none-match": "one",
  "s3:max-keys": "one",
  "s3:objectcreationoperation": "one",
  "s3:prefix": "one",
  "s3:signatureversion": "one",
  "s3:tlsversion": "one",
  "s3:x-amz-acl": "one",
  "s3:x-amz-content-sha256": "one",
  "s3:x-amz-copy-source": "one",
  "s3:x-amz-server-side-encryption": "one",
  "s3:x-amz-server-side-encryption-aws-kms-key-id": "one",
  "s3:x-amz-storage-class": "one",
};

/** The values that a call has for a condition key; undefined where it has none. */
export type Keys = (key: string) => readonly string[] | undefined;

/** How many values a call may have for a key, whatever the case of its name; undefined for a key that is not known. */
export const arityOf = (key: string): "one" | "many" | undefined => {
  const name = key.toLowerCase();
  return Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
};

"""Prepares a real S3 for the tests, through boto3.

prepare.py ENDPOINT KEY SECRET < {"bucket": {"key": repeats}}: makes the buckets, in which each key
holds its own name, so many times. With KEY `-`, the server is a moto that verifies signatures only
of users: one that may do everything is made first. Prints the access key and the secret, a line each.

prepare.py ENDPOINT KEY SECRET NAME < policy statements: makes a user of this name under this policy,
and prints the same.
"""

import json
import sys

import boto3
from botocore.config import Config

endpoint, key, secret, *names = sys.argv[1:]


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )


def make_user(name, statements):
    iam = client("iam")
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.put_user_policy(UserName=name, PolicyName="peers", PolicyDocument=json.dumps(policy))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


given = json.load(sys.stdin)
if names:
    key, secret = make_user(names[0], given)
else:
    if key == "-":
        key, secret = "unchecked", "unchecked"
        key, secret = make_user("peer", [{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    s3 = client("s3")
    for bucket, objects in given.items():
        s3.create_bucket(Bucket=bucket)
        for name, repeats in objects.items():
            s3.put_object(Bucket=bucket, Key=name, Body=name.encode() * repeats)
print(key)
print(secret)

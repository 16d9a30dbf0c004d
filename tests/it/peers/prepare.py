"""Prepares a bucket on a real S3 for the tests in mod.rs, through boto3.

prepare.py ENDPOINT KEY SECRET < JSON list of keys: makes the bucket `peers`, in which each key holds
its own name. With KEY `-`, the server is a moto that verifies signatures only of users: one is made
first. Prints the access key and the secret, a line each.
"""

import json
import sys

import boto3
from botocore.config import Config

endpoint, key, secret = sys.argv[1:]


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )


if key == "-":
    key, secret = "unchecked", "unchecked"
    iam = client("iam")
    iam.create_user(UserName="peer")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="peer", PolicyName="s3", PolicyDocument=json.dumps(policy))
    made = iam.create_access_key(UserName="peer")["AccessKey"]
    key, secret = made["AccessKeyId"], made["SecretAccessKey"]

s3 = client("s3")
s3.create_bucket(Bucket="peers")
for name in json.load(sys.stdin):
    s3.put_object(Bucket="peers", Key=name, Body=name.encode())
print(key)
print(secret)

"""The essentials of SQS, S3 and EC2 by boto3. Usage: boto3-cases.py ENDPOINT IMAGE. Prints what it has passed."""

import filecmp
import sys
from tempfile import NamedTemporaryFile
from urllib.request import urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, image = sys.argv[1:]


def client(service):
    # The endpoint is given here because boto3 before 1.28 does not read AWS_ENDPOINT_URL.
    # Signature Version 4 has to be said for presigned addresses of S3: its default is older here.
    return boto3.client(service, endpoint_url=endpoint, config=Config(signature_version="s3v4" if service == "s3" else "v4"))


def code_of(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def sqs_messages():
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="boto3", Attributes={"VisibilityTimeout": "7"}, tags={"a": "1"})["QueueUrl"]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "1"}
    attributes = {
        "text": {"DataType": "String", "StringValue": "x\r\ny"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    # boto3 verifies the digests of bodies and attributes itself.
    sqs.send_message(QueueUrl=url, MessageBody='<ü> & "\r\n"', MessageAttributes=attributes)
    [message] = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == '<ü> & "\r\n"', message["Body"]
    assert message["MessageAttributes"] == attributes, message["MessageAttributes"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessagesNotVisible"] == "1", counts
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def sqs_batches():
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="boto3-batch")["QueueUrl"]
    entries = [{"Id": str(each), "MessageBody": "m%d" % each, "DelaySeconds": 0} for each in range(10)]
    sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert len(sent["Successful"]) == 10, sent
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)["Messages"]
    assert [each["Body"] for each in received] == ["m%d" % each for each in range(10)]
    receipts = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(received)]
    hidden = sqs.change_message_visibility_batch(
        QueueUrl=url, Entries=[dict(each, VisibilityTimeout=99) for each in receipts]
    )
    assert len(hidden["Successful"]) == 10, hidden
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=receipts[1:] + [{"Id": "x", "ReceiptHandle": "none"}])
    assert len(deleted["Successful"]) == 9, deleted
    assert deleted["Failed"][0]["Code"] == "ReceiptHandleIsInvalid", deleted


def sqs_errors():
    sqs = client("sqs")
    missing = "AWS.SimpleQueueService.NonExistentQueue"
    assert code_of(sqs.get_queue_url, QueueName="none") == missing
    try:
        sqs.get_queue_url(QueueName="none")
    except sqs.exceptions.QueueDoesNotExist:
        pass
    sqs.create_queue(QueueName="boto3-same")
    code = code_of(sqs.create_queue, QueueName="boto3-same", Attributes={"DelaySeconds": "9"})
    assert code == "QueueAlreadyExists", code


def s3_objects():
    s3 = client("s3")
    s3.create_bucket(Bucket="boto3")
    body = bytes(range(256)) * 400
    s3.put_object(Bucket="boto3", Key="a/ü b", Body=body, ContentType="image/jpeg", Metadata={"name": "x"})
    got = s3.get_object(Bucket="boto3", Key="a/ü b")
    assert got["Body"].read() == body
    assert (got["ContentType"], got["Metadata"]) == ("image/jpeg", {"name": "x"})
    listed = s3.list_objects_v2(Bucket="boto3", Prefix="a/")
    assert [each["Key"] for each in listed["Contents"]] == ["a/ü b"]
    assert code_of(s3.get_object, Bucket="boto3", Key="none") == "NoSuchKey"
    address = s3.generate_presigned_url("get_object", Params={"Bucket": "boto3", "Key": "a/ü b"})
    assert urlopen(address).read() == body
    s3.delete_objects(Bucket="boto3", Delete={"Objects": [{"Key": "a/ü b"}]})
    s3.delete_bucket(Bucket="boto3")


def s3_collections():
    s3 = boto3.resource("s3", endpoint_url=endpoint, config=Config(signature_version="s3v4"))
    bucket = s3.create_bucket(Bucket="boto3-collections")
    keys = ["a b", "it's (1)!~*", "x/+&%", "x/1", "ü", "\uff21", "\U0001f600"]  # in the order of their bytes
    for key in reversed(keys):
        bucket.put_object(Key=key, Body=b"1")
    assert [each.key for each in bucket.objects.all()] == keys
    assert [each.key for each in bucket.objects.page_size(2)] == keys
    assert [each.key for each in bucket.objects.filter(Prefix="x/")] == ["x/+&%", "x/1"]
    with NamedTemporaryFile() as source, NamedTemporaryFile() as target:
        source.write(bytes(range(256)) * 80_000)  # 20 MB: in parts
        source.flush()
        bucket.upload_file(source.name, "large")
        bucket.copy({"Bucket": bucket.name, "Key": "large"}, "copy")
        bucket.download_file("copy", target.name)
        assert filecmp.cmp(source.name, target.name, shallow=False)
    deleted = bucket.objects.all().delete()
    assert len(deleted[0]["Deleted"]) == len(keys) + 2, deleted
    bucket.delete()


def ec2_instances():
    ec2 = client("ec2")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "made", "Value": "by boto3"}]}]
    launched = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=2, ClientToken="boto3", UserData="A=1", TagSpecifications=tags
    )
    ids = [each["InstanceId"] for each in launched["Instances"]]
    assert len(ids) == 2
    pages = ec2.get_paginator("describe_instances").paginate(Filters=[{"Name": "tag:made", "Values": ["by*"]}])
    found = [each["InstanceId"] for page in pages for r in page["Reservations"] for each in r["Instances"]]
    assert found == ids, found
    ec2.terminate_instances(InstanceIds=ids)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    code = code_of(ec2.describe_instances, InstanceIds=["i-00000000000000001"])
    assert code == "InvalidInstanceID.NotFound", code


for case in (sqs_messages, sqs_batches, sqs_errors, s3_objects, s3_collections, ec2_instances):
    case()
    print(case.__name__)

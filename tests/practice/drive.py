"""Makes the calls of a table against one endpoint, in order, by botocore: the library that is the AWS CLI.

Reads one JSON object from standard input: `endpoint`, `region`, `keys` (name to [access key, secret]), `words`
(name to text) and `cases`, each [id, "service.Operation", input, by]. Prints a list of {"id", "code", "status",
"reply"}. `${word}` in an input is replaced; `${id:A.B}` is B of A of the reply to the case `id`. `by` names a key, the
case that made one, or `nobody`. What botocore would check before sending is sent all the same.
"""

import json
import re
import sys

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

told = json.load(sys.stdin)
replies = {}
clients = {}


def look(path):
    name, _, rest = path.partition(":")
    if not rest:
        return told["words"][name]
    value = replies[name]
    for part in rest.split("."):
        value = value[int(part)] if part.isdigit() else value[part]
    return value


def fill(value):
    if isinstance(value, dict):
        return {fill(key): fill(item) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(look(found[1])), value)
    return value


def client(service, by):
    if (service, by) not in clients:
        config = {"retries": {"total_max_attempts": 1}, "parameter_validation": False, "read_timeout": 20}
        keys = {}
        if by == "nobody":
            config["signature_version"] = UNSIGNED
        elif by in told["keys"]:
            keys["aws_access_key_id"], keys["aws_secret_access_key"] = told["keys"][by]
        else:
            made = replies[by].get("AccessKey") or replies[by]["Credentials"]
            keys["aws_access_key_id"], keys["aws_secret_access_key"] = made["AccessKeyId"], made["SecretAccessKey"]
            keys["aws_session_token"] = made.get("SessionToken")
        clients[service, by] = session.create_client(
            service, region_name=told["region"], endpoint_url=told["endpoint"], config=Config(**config), **keys
        )
    return clients[service, by]


def call(case):
    name, target, params, by = case
    service, operation = target.split(".")
    try:
        caller, params = client(service, by), fill(params)
    except LookupError as error:
        return {"code": "not made", "status": 0, "said": f"no {error}"}
    try:
        reply = caller._make_api_call(operation, params)
        status = reply.pop("ResponseMetadata")["HTTPStatusCode"]
        replies[name] = reply
        return {"code": "ok", "status": status, "reply": reply}
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": error.response["Error"]["Code"], "status": status, "said": error.response["Error"]["Message"]}
    # What is no answer of this protocol breaks the parser in more than one way.
    except (ResponseParserError, BotoCoreError, LookupError, TypeError, ValueError) as error:
        return {"code": "unreadable", "status": 0, "said": str(error)}


session = botocore.session.Session()
results = [{"id": case[0], **call(case)} for case in told["cases"]]
json.dump(results, sys.stdout, default=lambda value: "TIME" if hasattr(value, "isoformat") else str(value))

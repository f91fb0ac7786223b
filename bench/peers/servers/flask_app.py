"""Flask with redis-py: a decorator that keeps answers in Redis for an hour.

What is kept are the bytes of the JSON, which are sent as they are: the form most favourable to this peer.
"""

import functools
import json
import multiprocessing
import os
import time

import redis
from flask import Flask, Response

TTL_S = 3600

settings = json.loads(os.environ["RETYN_BENCH_FLASK"])
with open(settings["payloads"], encoding="utf-8") as file:
    payloads = json.load(file)

# Shared by all workers: gunicorn loads this module once, before it forks them.
runs = multiprocessing.Value("i", 0)
store = redis.Redis(host="127.0.0.1", port=settings["redisPort"])
app = Flask(__name__)


def cached(prefix):
    def decorate(make):
        @functools.wraps(make)
        def answer(**parameters):
            key = ":".join(["flask", prefix, *parameters.values()])
            body = store.get(key)
            if body is None:
                body = make(**parameters).encode()
                store.setex(key, TTL_S, body)
            return Response(body, mimetype="application/json")

        return answer

    return decorate


@app.get("/runs")
def count():
    return Response(str(runs.value), mimetype="text/plain")


@app.get("/work/<id>")
@cached("work")
def work(id):
    with runs.get_lock():
        runs.value += 1
        run = runs.value
    time.sleep(settings["handlerMs"] / 1000)
    return json.dumps({"id": id, "run": run}, separators=(",", ":"))


@app.get("/payload/<kind>/<id>")
@cached("thing")
def thing(kind, id):
    return payloads[f"{kind}/{id}"]

"""LangGraph's steps: a graph of two nodes that do nothing, each step durable before the next (SqliteSaver, `sync`).

    python langgraph_agents.py FOLDER AGENTS STEPS SECONDS counter|transcript

AGENTS threads run graphs of STEPS steps, one after the other, each with a thread of its own in one database (WAL, its
default `synchronous=FULL`). Their state is a counter, the least there can be, or also a transcript that grows by a line a
step, as that of an agent does. Prints one JSON object: how many steps, the CPU time of the process meanwhile, and the bytes
of the database.
"""

import json
import operator
import os
import sqlite3
import sys
import threading
import time
from typing import Annotated, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, StateGraph

FOLDER, AGENTS, STEPS, SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
TRANSCRIPT = sys.argv[5] == "transcript"
LINE = {"role": "assistant", "content": "", "tool_calls": [{"name": "file_list", "arguments": {"path": "."}}]}


class State(TypedDict):
    step: int
    transcript: Annotated[list, operator.add]


def node(state: State) -> State:
    said = {"transcript": [LINE]} if TRANSCRIPT else {}
    return {"step": state["step"] + 1, **said}


def build(saver):
    graph = StateGraph(State)
    graph.add_node("model", node)
    graph.add_node("tool", node)
    graph.set_entry_point("model")
    graph.add_conditional_edges("model", lambda state: END if state["step"] >= STEPS else "tool")
    graph.add_conditional_edges("tool", lambda state: END if state["step"] >= STEPS else "model")
    return graph.compile(checkpointer=saver)


path = os.path.join(FOLDER, f"langgraph-{AGENTS}.db")
saver = SqliteSaver(sqlite3.connect(path, check_same_thread=False))
saver.setup()
graph = build(saver)
done = [0] * AGENTS


def work(agent, until, run):
    number = 0
    while time.monotonic() < until:
        config = {"configurable": {"thread_id": f"{run}-{agent}-{number}"}, "recursion_limit": STEPS + 5}
        graph.invoke({"step": 0}, config, durability="sync")
        done[agent] += STEPS
        number += 1


def together(seconds, run):
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=work, args=(agent, until, run)) for agent in range(AGENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


together(0.5, "warm-up")
done = [0] * AGENTS
cpu, begin = time.process_time(), time.monotonic()
together(SECONDS, "measured")
report = {"count": sum(done), "cpu_us": (time.process_time() - cpu) * 1e6, "seconds": time.monotonic() - begin}
report["bytes"] = sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))
print(json.dumps(report))

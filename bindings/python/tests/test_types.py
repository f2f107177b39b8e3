"""The types of the API: what a reply lets one do, whatever the gateway sent."""

from __future__ import annotations

import copy
import json
import pickle
import unittest

from openclaw import types
from openclaw._model import Model
from openclaw.types import AgentEvent, ChatResponse, MessageEvent, Session, Usage, UserParam, WebhookEvent

REPLY = {
    "id": "msg_1",
    "session_id": "user_123",
    "content": "你好",
    "model": "echo",
    "usage": {"input_tokens": 45, "output_tokens": 156, "cached_tokens": 3},
    "timestamp": "2026-04-17T01:15:30Z",
    "finish_reason": "stop",
    "from_a_newer_gateway": {"kept": True},
}


def event(name: str, data: object) -> WebhookEvent:
    return WebhookEvent.model_validate({"event": name, "timestamp": "2026-04-17T01:20:00Z", "data": data, "id": "evt_1"})


class Replies(unittest.TestCase):
    def setUp(self) -> None:
        self.reply = ChatResponse.model_validate(copy.deepcopy(REPLY))

    def test_members_are_attributes_and_nested_ones_have_their_class(self) -> None:
        self.assertEqual(self.reply.content, "你好")
        self.assertIsInstance(self.reply.usage, Usage)
        self.assertIs(self.reply.usage, self.reply.usage)
        self.assertEqual(self.reply.usage.input_tokens, 45)

    def test_what_is_absent_is_none_and_what_is_misspelt_is_an_error(self) -> None:
        session = Session.model_validate({"id": "s"})
        self.assertIsNone(session.title)
        with self.assertRaisesRegex(AttributeError, "'Session' has no attribute 'titel'"):
            session.titel  # type: ignore[attr-defined]  # noqa: B018

    def test_what_a_newer_gateway_adds_is_kept(self) -> None:
        self.assertEqual(self.reply.model_extra, {"from_a_newer_gateway": {"kept": True}})
        self.assertEqual(self.reply.from_a_newer_gateway, {"kept": True})  # type: ignore[attr-defined]
        self.assertEqual(self.reply.usage.model_extra, {"cached_tokens": 3})
        self.assertEqual(self.reply.model_dump(), REPLY)
        self.assertEqual(json.loads(self.reply.model_dump_json()), REPLY)
        self.assertIn("你好", self.reply.model_dump_json(indent=2))

    def test_a_dump_is_a_copy(self) -> None:
        self.reply.model_dump()["usage"].clear()
        self.assertEqual(self.reply.usage.input_tokens, 45)

    def test_equality_repr_and_copies(self) -> None:
        same = ChatResponse(**copy.deepcopy(REPLY))
        self.assertEqual(self.reply, same)
        self.assertNotEqual(self.reply, Session(**REPLY))
        self.assertEqual(pickle.loads(pickle.dumps(self.reply)), self.reply)
        self.assertEqual(copy.deepcopy(self.reply), self.reply)
        self.assertTrue(repr(self.reply).startswith("ChatResponse(id='msg_1', session_id='user_123', content='你好'"))
        self.assertIn("usage=Usage(input_tokens=45", repr(self.reply))
        self.assertIn("content", dir(self.reply))

    def test_a_reply_cannot_be_changed(self) -> None:
        with self.assertRaisesRegex(AttributeError, "cannot be changed"):
            self.reply.content = ""
        with self.assertRaisesRegex(AttributeError, "cannot be changed"):
            del self.reply.content
        with self.assertRaises(TypeError):
            hash(self.reply)

    def test_a_subclass_elsewhere_builds_the_same(self) -> None:
        class Handle(ChatResponse):
            __slots__ = ()

        handle = Handle.model_validate(REPLY)
        self.assertIsInstance(handle.usage, Usage)
        self.assertEqual(handle.model_extra, {"from_a_newer_gateway": {"kept": True}})

    def test_every_nested_class_is_there(self) -> None:
        classes = [known for known in vars(types).values() if isinstance(known, type) and issubclass(known, Model)]
        self.assertGreater(len(classes), 20)
        for known in classes:
            names = [name for _, name in known._nested.values()]
            names += [name for _, by_word in known._tagged.values() for name in by_word.values()]
            for name in names:
                self.assertTrue(hasattr(types, name), f"{known.__name__} needs {name}")


class Events(unittest.TestCase):
    def test_data_has_the_class_that_the_name_goes_with(self) -> None:
        received = event("message.received", {"session_id": "user_123", "user": {"id": "tg_1", "username": "john"}})
        assert isinstance(received.data, MessageEvent) and received.data.user
        self.assertEqual(received.data.user.username, "john")
        failed = event("agent.error", {"agent_id": "agt_1", "error": {"code": "timeout"}})
        assert isinstance(failed.data, AgentEvent) and failed.data.error
        self.assertEqual(failed.data.error.code, "timeout")

    def test_data_of_an_unknown_name_is_a_dict(self) -> None:
        self.assertEqual(event("moon.landed", {"crew": 3}).data, {"crew": 3})
        self.assertEqual(event("moon.landed", [1]).data, [1])


class Requests(unittest.TestCase):
    def test_nested_objects_say_what_they_need(self) -> None:
        user: UserParam = {"id": "tg_1"}
        self.assertEqual(user, UserParam(id="tg_1"))
        self.assertEqual(UserParam.__required_keys__, {"id"})
        self.assertEqual(UserParam.__optional_keys__, {"username"})


if __name__ == "__main__":
    unittest.main()

"""The yardstick of `bench.people`: a page that streams as Streamlit's own guide says, with `st.write_stream`."""

import os

import openai
import streamlit as st
from openai.types.chat import ChatCompletionUserMessageParam

if prompt := st.chat_input("Ask"):
    client = openai.OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])
    messages = [ChatCompletionUserMessageParam(role="user", content=prompt)]
    model = os.environ["BENCH_MODEL"]
    st.write_stream(client.chat.completions.create(model=model, messages=messages, stream=True))

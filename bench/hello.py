"""Streamlit's hello world, the yardstick of `bench.browser start`."""

import streamlit as st

st.write("Hello, world")

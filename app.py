"""The frame of the workbench: page settings, navigation, which run is open. Start it with ``make app``."""

import streamlit as st

from metarec_core.language import say
from pages._ui import garbage, sample
from pages._ui.frame import frame_enter, navigation, resume
from pages._ui.language import language_picker
from pages._ui.login import who_is_here
from pages._ui.run_picker import run_picker

frame_enter()
st.set_page_config(page_title="MetaRec", page_icon="🧭", layout="wide")

home = st.Page("pages/home.py", title=say("Home"), icon=":material/home:", default=True)
data = st.Page(
    "pages/data.py", title=say("Data"), icon=":material/table_view:", help=say("Upload, clean and explore your files")
)
train = st.Page("pages/train.py", title=say("Train"), icon=":material/model_training:", help=say("Train a recommender"))
evaluate = st.Page(
    "pages/evaluate.py", title=say("Evaluate"), icon=":material/leaderboard:", help=say("Is it any good?")
)
recommendations = st.Page(
    "pages/recommendations.py",
    title=say("Recommendations"),
    icon=":material/recommend:",
    help=say("What it recommends, and why"),
)
attention = st.Page(
    "pages/attention.py",
    title=say("Attention"),
    icon=":material/visibility:",
    help=say("Where the network looked, and whether that explains the score"),
)
knowledge_graph = st.Page(
    "pages/knowledge_graph.py",
    title=say("Knowledge graph"),
    icon=":material/hub:",
    help=say("What links users, items and facts"),
)
meta_knowledge = st.Page(
    "pages/meta_knowledge.py",
    title=say("Meta-knowledge"),
    icon=":material/psychology:",
    help=say("When each part is trusted, and what that gains"),
)
review = st.Page(
    "pages/review.py",
    title=say("Review"),
    icon=":material/rate_review:",
    help=say("Judge recommendations and sign the record"),
)
page = st.navigation(
    {
        "": [home],
        say("Build"): [data, train],
        say("Use"): [evaluate, recommendations, attention, knowledge_graph, meta_knowledge, review],
    },
    position=navigation(),
)
resume(
    {
        "home": home,
        "data": data,
        "train": train,
        "evaluate": evaluate,
        "recommendations": recommendations,
        "attention": attention,
        "knowledge_graph": knowledge_graph,
        "meta_knowledge": meta_knowledge,
        "review": review,
    },
    page,
)

sample.bring_demo()
run_picker()
language_picker()
who_is_here()
with garbage.set_aside():
    page.run()

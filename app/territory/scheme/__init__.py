"""The scheme of responsibility beside a plan: posts, contact branches, work rules, letters, problems."""

from app.territory.scheme.contacts import import_contacts, list_contacts, set_contact
from app.territory.scheme.lights import list_lights, sign_letters
from app.territory.scheme.posts import POSTS, list_posts_of, set_posts
from app.territory.scheme.problems import NewProblem, answer_problem, list_problems, open_problem
from app.territory.scheme.rules import EVERY, list_rules, set_rules

__all__ = [
    "EVERY",
    "POSTS",
    "NewProblem",
    "answer_problem",
    "import_contacts",
    "list_contacts",
    "list_lights",
    "list_posts_of",
    "list_problems",
    "list_rules",
    "open_problem",
    "set_contact",
    "set_posts",
    "set_rules",
    "sign_letters",
]

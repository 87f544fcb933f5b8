"""Tables of articles."""

from provodnik.articles.models.articles import Article, ArticleFile, Section, Version
from provodnik.articles.models.readers import Asked, Use, Vote, Word

__all__ = ["Article", "ArticleFile", "Asked", "Section", "Use", "Version", "Vote", "Word"]

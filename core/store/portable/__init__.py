"""Values on their way out of the store and into it: answers as JSON, exports, imports."""

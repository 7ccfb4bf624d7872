"""What both Qt programs share: theme, type, language, icons, work in the background, the alarm's sound."""

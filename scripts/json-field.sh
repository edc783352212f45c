# For the commands of the docs: `field NAME` prints the first value of a field from the JSON that it reads.
field() { tr ',{}' '\n\n\n' | sed -n "s/^\"$1\":\"\(.*\)\"$/\1/p" | sed 1q; }

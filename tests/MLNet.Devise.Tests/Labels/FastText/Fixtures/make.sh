#!/bin/sh
# The models of this folder and what fastText 0.9.2 (Debian's package "fasttext") says of their words. One thread, so that it repeats.
set -e
cd "$(dirname "$0")"
awk '{ print (NR % 2 ? "__label__land " : "__label__sea ") $0 }' text.txt > labelled.txt
common='-dim 8 -thread 1 -epoch 60 -minCount 1 -lr 0.08 -verbose 0'
fasttext skipgram -input text.txt -output skipgram $common -minn 3 -maxn 6 -bucket 200
fasttext cbow -input text.txt -output cbow $common -minn 2 -maxn 4 -bucket 97
fasttext skipgram -input text.txt -output plain $common -maxn 0
fasttext supervised -input labelled.txt -output supervised $common -minn 2 -maxn 3 -bucket 300
fasttext quantize -input labelled.txt -output supervised -qnorm -verbose 0
for model in skipgram cbow plain supervised; do fasttext print-word-vectors $model.bin < words.txt > $model.txt; done
rm -f *.vec labelled.txt

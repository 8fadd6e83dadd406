#!/usr/bin/env bash
# The paper's Tables 1 and 2 for sentiment: results/sentiment.sh SEED [DATA]
# DATA holds train.jsonl and validation.jsonl (lines with `text` and `label`), by default data/sst2.
# What is there already is kept: run it again after a stop. Then: python results/collect.py
set -euo pipefail
cd "$(dirname "$0")/.."
seed=$1
data=${2:-data/sst2}
runs=runs/sentiment-$seed
configs=training_configs/sentiment
export ALLENNLP_LOG_LEVEL=WARNING TOKENIZERS_PARALLELISM=false

train() { # NAME CONFIG [OVERRIDES]
    [ -e "$runs/$1/model.tar.gz" ] && return
    local recover=()
    [ -e "$runs/$1/config.json" ] && recover=(--recover)
    .venv/bin/allennlp train "$configs/$2.jsonnet" -s "$runs/$1" "${recover[@]}" -o "{
        \"random_seed\": $seed, \"numpy_seed\": $seed, \"pytorch_seed\": $seed,
        \"train_data_path\": \"$data/train.jsonl\",
        \"validation_data_path\": \"$data/validation.jsonl\" ${3:-}}"
}
merge() { # NAME PREDICTIVE FACADE
    [ -e "$runs/$1" ] || .venv/bin/allennlp merge "$runs/$2" "$runs/$3" --output "$runs/$1"
}

train f predictive
train f-reg predictive_regularized \
    ", \"model.initializer.regexes.0.1.weights_file_path\": \"$runs/f/best.th\""
for target in ft:first_token stop:stop_words; do
    short=${target%%:*}
    config=facade_${target#*:}
    train "g_$short" "$config"
    train "g_$short-ig" "${config}_integrated"
    merge "f_$short" f "g_$short"
    merge "f_$short-reg" f-reg "g_$short"
    merge "f_$short-ig" f "g_$short-ig"
    merge "f_$short-reg-ig" f-reg "g_$short-ig"
done
models=(f f-reg)
for short in ft stop; do
    models+=("f_$short" "f_$short-reg" "g_$short" "f_$short-ig" "f_$short-reg-ig")
done
.venv/bin/allennlp measure "${models[@]/#/$runs/}" --data "$data/validation.jsonl" \
    --target first_token stop_words --reference f --output "$runs/results"

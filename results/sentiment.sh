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
merge() { # NAME PREDICTIVE FACADE SCALE
    [ -e "$runs/$1" ] || .venv/bin/allennlp merge "$runs/$2" "$runs/$3" --output "$runs/$1" \
        --facade-scale "$4"
}

train f predictive
train f-reg predictive_regularized \
    ", \"model.initializer.regexes.0.1.weights_file_path\": \"$runs/f/best.th\""
# How much of the facade's logits is added: what keeps 99.5 % of the predictions of seed 1.
for variant in ft:first_token:0.7:0.4 stop:stop_words:1:1; do
    IFS=: read -r short target scale scale_ig <<<"$variant"
    train "g_$short" "facade_$target"
    train "g_$short-ig" "facade_${target}_integrated"
    merge "f_$short" f "g_$short" "$scale"
    merge "f_$short-reg" f-reg "g_$short" "$scale"
    merge "f_$short-ig" f "g_$short-ig" "$scale_ig"
done
models=(f)
for short in ft stop; do
    models+=("f_$short" "f_$short-reg" "g_$short" "f_$short-ig")
done
.venv/bin/allennlp measure "${models[@]/#/$runs/}" --data "$data/validation.jsonl" \
    --target first_token stop_words --reference f --output "$runs/results"

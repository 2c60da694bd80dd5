# Types each line into an interactive zsh, presses tab, and prints what then stands in the line:
#   zsh -f complete-in-zsh.zsh FOLDER-OF-THE-SCRIPT LINE...
zmodload zsh/zpty
zpty shell zsh -f -i
until_seen() { local out; zpty -r -m shell out "*$1*"; print -r -- "$out" }
# The line editor says when it takes keys. In quotes, so that the echo of this line does not say so.
zpty -w shell "PROMPT= RPROMPT=; unsetopt prompt_sp prompt_cr; fpath=(${(q)1} \$fpath); autoload -Uz compinit && compinit -u -D; zle-line-init() { print -r -- '[rea''dy]' }; zle -N zle-line-init; tell() { print -r -- \"<\$BUFFER>\"; BUFFER=; zle accept-line }; zle -N tell; bindkey '^Xt' tell"
shift
for line in "$@"; do
  until_seen '\[ready\]' >/dev/null
  zpty -w -n shell "$line"$'\t\x18t'
  out=$(until_seen '<*>')
  print -r -- ${${out##*<}%%>*}
done
zpty -d shell

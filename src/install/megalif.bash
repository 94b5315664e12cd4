# bash completion for megalif. Commands and options are asked of the program itself, so that they are
# those of the megalif that would run.

# `megalif COMMAND --help` as one line for each option: -o --output FILE
_megalif_options()
{
    "$1" "$2" --help 2>/dev/null | sed -n -E '/^  (-., |    )--/ { s/^ +//; s/  .*//; s/,//; p }'
}

_megalif_commands()
{
    "$1" --help 2>/dev/null | sed -n -E '/^commands/,/^$/ s/^  ([a-z-]+) .*/\1/p'
}

_megalif()
{
    local program=$1 word=$2 before=$3 line words= argument=
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "--help --version $(_megalif_commands "$program")" -- "$word"))
        return
    fi
    while read -r line; do
        words+=" $line"
        [[ $before != -* || " $line " != *" $before "* ]] || argument=${line##* }
    done < <(_megalif_options "$program" "${COMP_WORDS[1]}")
    case $argument,$before,$word in
        [!-]*,--isa,*) COMPREPLY=($(compgen -W 'scalar avx2 avx512' -- "$word")) ;;
        *'|'*) mapfile -t COMPREPLY < <(compgen -W "${argument//|/ }" -- "$word") ;;
        FILE,* | DIR,* | PICTURE,* | -*,*,[!-]* | -*,*, | ,*,[!-]* | ,*,) # a path
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            ;;
        -*,* | ,*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    esac # else a number, a time, a key: nothing to offer
}
complete -F _megalif megalif

/*
 * question: one thread waits for input; meanwhile the others print, format,
 * open files, and ask for memory. Whoever gives the answer only after all of that has
 * been printed sees that a thread that reads holds up nobody.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void)
{
    #pragma omp parallel sections num_threads(2)
    {
        #pragma omp section
        {
            char answer[40];
            if (fgets(answer, sizeof answer, stdin) != NULL)
                printf("the answer: %s", answer);
        }
        #pragma omp section
        {
            /* The other thread is reading by now. */
            nanosleep(&(struct timespec){0, 200 * 1000 * 1000}, NULL);
            char *line = malloc(40);
            snprintf(line, 40, "%s %d", "formatted by snprintf, number", 1);
            puts(line);
            free(line);
            int number = 0;
            sscanf("2", "%d", &number);
            FILE *file = fopen("question.no_such_folder/x", "r");
            fprintf(stdout, "number %d, a file %s\n", number, file ? "is there" : "is not there");
            fprintf(stderr, "still here\n");
            printf("question\n");
            fflush(NULL);
        }
    }
    return 0;
}
